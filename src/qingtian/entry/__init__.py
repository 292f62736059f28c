"""The programs: one command each, run alone in production or all together by the supervisor."""
