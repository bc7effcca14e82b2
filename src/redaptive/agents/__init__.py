"""Agents: MCP servers that each speak for one part of the energy business."""
