package org.tantra.api;

/// Something a loaded model can do. Open: a plugin may bring capabilities of its own.
public interface Capability {}
