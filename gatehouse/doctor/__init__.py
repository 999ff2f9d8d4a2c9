"""`gatehouse doctor`: is everything there that the gate stands on?"""
