"""Detector of production while its treatment is off 治污设施停运."""
