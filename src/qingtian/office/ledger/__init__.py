"""The trace of every act (台账): hash chains of entries, numbers without gaps, events at commit."""
