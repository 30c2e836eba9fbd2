package org.tantra.host.resolve;

import org.tantra.api.Generation;

/// A text under way.
public interface TextAnswer extends Generation, ServedAnswer<Generation.Piece> {}
