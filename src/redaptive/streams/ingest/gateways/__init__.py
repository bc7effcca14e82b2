"""Our own gateways: read Modbus and BACnet devices, keep the readings on disk, send them when the broker answers."""
