"""Marks on monitoring data (自动监测数据标记): what an enterprise says of its plant and its monitors, never edited."""
