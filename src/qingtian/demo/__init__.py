"""The synthetic city (演示城市): its cast, firms, outlets, devices. Everything in it is invented and says so."""
