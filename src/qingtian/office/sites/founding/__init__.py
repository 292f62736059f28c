"""The registers an office begins with 建档, from workbooks: new rows entered, others changed, ended or resumed."""
