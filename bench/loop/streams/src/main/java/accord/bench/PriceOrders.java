package accord.bench;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.List;
import java.util.Properties;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;

/** Prices orders with Kafka Streams, exactly once; one thread, its defaults. */
public final class PriceOrders {
    private static final String SUBJECT = "order-processed-value";

    private PriceOrders() {}

    /** Arguments: bootstrap servers, registry, input topic, output topic, group. */
    public static void main(String[] args) throws Exception {
        String registry = args[1];
        Schema priced = PlainAvro.parse(
                PlainAvro.ask(registry + "/subjects/" + SUBJECT + "/versions/latest"));
        PlainAvro serde = new PlainAvro(registry, SUBJECT);
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(args[2], Consumed.with(Serdes.ByteArray(), serde))
                .mapValues(order -> price(order, priced))
                .to(args[3], Produced.with(Serdes.ByteArray(), serde));
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, args[4]);
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
                StreamsConfig.EXACTLY_ONCE_V2);
        settings.put("auto.offset.reset", "earliest");
        settings.put(StreamsConfig.STATE_DIR_CONFIG,
                Files.createTempDirectory("streams").toString());
        KafkaStreams streams = new KafkaStreams(builder.build(), settings);
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
    }

    private static GenericRecord price(GenericRecord order, Schema schema) {
        List<?> items = (List<?>) order.get("items");
        BigDecimal total = new BigDecimal(BigInteger.ZERO, 4);
        for (Object each : items) {
            GenericRecord line = (GenericRecord) each;
            BigDecimal net = decimal(line.get("unit_price"))
                    .multiply(BigDecimal.valueOf((Integer) line.get("quantity")));
            BigDecimal left = line.hasField("discount")
                    ? BigDecimal.ONE.subtract(decimal(line.get("discount")))
                    : BigDecimal.ONE;
            total = total.add(net.multiply(left));
        }
        GenericRecord priced = new GenericData.Record(schema);
        priced.put("order_id", order.get("order_id"));
        priced.put("customer", order.get("customer"));
        priced.put("item_count", items.size());
        priced.put("total", ByteBuffer.wrap(total.unscaledValue().toByteArray()));
        priced.put("currency", order.get("currency"));
        priced.put("created_at", order.get("created_at"));
        priced.put("processed_at", System.currentTimeMillis());
        return priced;
    }

    private static BigDecimal decimal(Object bytes) {
        ByteBuffer buffer = (ByteBuffer) bytes;
        byte[] raw = new byte[buffer.remaining()];
        buffer.duplicate().get(raw);
        return new BigDecimal(new BigInteger(raw), 2);
    }
}
