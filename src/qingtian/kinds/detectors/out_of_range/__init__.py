"""Detector of values outside what the analyser can measure 超量程、低于检出限."""
