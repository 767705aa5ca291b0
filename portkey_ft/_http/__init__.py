"""The HTTP side: messages as values, the transport, decoding, uploads and downloads."""
