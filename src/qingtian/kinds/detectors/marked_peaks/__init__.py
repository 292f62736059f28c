"""Detector of marks on the monitor that begin at peaks again and again 维护标记与高值重合."""
