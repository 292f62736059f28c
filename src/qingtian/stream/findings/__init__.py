"""The judge: the plan, the detectors with their state, checkpoint, evidence."""
