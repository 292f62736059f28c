"""Closed-loop tasks (闭环任务): a table of states, clocks with escalation, evidence."""
