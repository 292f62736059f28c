"""Network captures 抓包: a pcap file of Ethernet, IPv4 and TCP read into the byte streams it holds. Pure, sans-I/O."""
