"""`python -m producers.order_service`."""

from producers.order_service import main

main(prog_name="order-service")
