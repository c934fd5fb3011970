"""The providers, played locally: Meta's Graph API for WhatsApp, and customers who write.

`world.Simulator` ties it together. Everything stays on this machine: it listens on 127.0.0.1 and
delivers webhooks to loopback addresses only.
"""
