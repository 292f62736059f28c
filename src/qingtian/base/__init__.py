"""What every stage needs and no stage owns: errors, times, identifiers, settings. Pure, no engine."""
