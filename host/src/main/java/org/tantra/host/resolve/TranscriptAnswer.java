package org.tantra.host.resolve;

import org.tantra.api.Transcription;

/// A transcription under way. As its first segment has been decided, its language and duration are
/// known.
public interface TranscriptAnswer
    extends Transcription.Running, ServedAnswer<Transcription.Segment> {}
