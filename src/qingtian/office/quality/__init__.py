"""The register of quality control (质控记录): checks of monitors, never edited; what they undo and what is due."""
