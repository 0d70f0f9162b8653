package accord.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** Avro in the wire format of schema registries, with nothing around it. */
final class PlainAvro implements Serde<GenericRecord> {
    private static final int FRAME_BYTES = 5;
    private final String registry;
    private final String subject;

    PlainAvro(String registry, String subject) {
        this.registry = registry;
        this.subject = subject;
    }

    /** Returns what an address of the registry answers. */
    static JsonNode ask(String url) {
        try {
            HttpResponse<byte[]> answer = HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(URI.create(url)).build(),
                            HttpResponse.BodyHandlers.ofByteArray());
            return new ObjectMapper().readTree(answer.body());
        } catch (IOException exc) {
            throw new UncheckedIOException(exc);
        } catch (InterruptedException exc) {
            throw new IllegalStateException(exc);
        }
    }

    static Schema parse(JsonNode answer) {
        return new Schema.Parser().parse(answer.get("schema").asText());
    }

    @Override
    public Deserializer<GenericRecord> deserializer() {
        Map<Integer, GenericDatumReader<GenericRecord>> readers = new HashMap<>();
        BinaryDecoder[] decoder = new BinaryDecoder[1];
        return (topic, bytes) -> {
            int id = ByteBuffer.wrap(bytes, 1, 4).getInt();
            GenericDatumReader<GenericRecord> reader = readers.computeIfAbsent(id,
                    each -> new GenericDatumReader<>(
                            parse(ask(registry + "/schemas/ids/" + each))));
            decoder[0] = DecoderFactory.get().binaryDecoder(
                    bytes, FRAME_BYTES, bytes.length - FRAME_BYTES, decoder[0]);
            try {
                return reader.read(null, decoder[0]);
            } catch (IOException exc) {
                throw new UncheckedIOException(exc);
            }
        };
    }

    @Override
    public Serializer<GenericRecord> serializer() {
        JsonNode newest = ask(registry + "/subjects/" + subject + "/versions/latest");
        byte[] frame = ByteBuffer.allocate(FRAME_BYTES).put((byte) 0)
                .putInt(newest.get("id").asInt()).array();
        GenericDatumWriter<GenericRecord> writer = new GenericDatumWriter<>(parse(newest));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BinaryEncoder[] encoder = new BinaryEncoder[1];
        return (topic, record) -> {
            out.reset();
            out.writeBytes(frame);
            encoder[0] = EncoderFactory.get().binaryEncoder(out, encoder[0]);
            try {
                writer.write(record, encoder[0]);
                encoder[0].flush();
            } catch (IOException exc) {
                throw new UncheckedIOException(exc);
            }
            return out.toByteArray();
        };
    }
}
