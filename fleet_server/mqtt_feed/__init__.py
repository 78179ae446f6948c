"""The situation as retained MQTT topics, for whoever may hear it; Home Assistant discovers them."""
