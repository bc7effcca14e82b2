"""A fleet of gateways that sends like a real one, dirt included; the values come from whoever runs it."""
