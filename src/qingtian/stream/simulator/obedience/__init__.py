"""What a device does when the platform asks (上位机请求): a state machine without a line, a clock or dice."""
