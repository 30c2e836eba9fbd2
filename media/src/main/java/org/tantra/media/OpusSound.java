package org.tantra.media;

import static java.util.Objects.requireNonNull;

import io.github.jaredmdobson.concentus.OpusDecoder;
import io.github.jaredmdobson.concentus.OpusException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Opus in Ogg, mono or stereo, decoded by Concentus.
///
/// @see <a href="https://www.rfc-editor.org/rfc/rfc7845">RFC 7845</a>
final class OpusSound implements Sound {
  /// What every stream is decoded at, whatever it was recorded at.
  static final int RATE_HZ = 48_000;

  /// Samples of the longest packet, 120 ms.
  private static final int LONGEST_PACKET = 5760;

  private static final int HEADER_BYTES = 19;

  private final OggPackets packets;
  private final OpusDecoder decoder;
  private final int channels;
  private final float gain;
  private final long preSkip;
  private final short[] block;
  private int ready;
  private int taken;

  /// Samples decoded so far, those to skip at the beginning included.
  private long decoded;

  private boolean ended;

  private OpusSound(
      OggPackets packets, OpusDecoder decoder, int channels, float gain, long preSkip) {
    this.packets = packets;
    this.decoder = decoder;
    this.channels = channels;
    this.gain = gain;
    this.preSkip = preSkip;
    this.block = new short[LONGEST_PACKET * channels];
  }

  /// @param head the stream's first packet
  static boolean begins(byte[] head) {
    return new String(head, StandardCharsets.ISO_8859_1).startsWith("OpusHead");
  }

  static OpusSound open(MemorySegment file) {
    OggPackets packets = new OggPackets(file);
    byte[] head = requireNonNull(packets.next(), "whoever calls has seen it");
    if (head.length < HEADER_BYTES) {
      throw Sounds.invalid("The Opus file is cut short in its first packet.");
    }
    ByteBuffer fields = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    int channels = head[9] & 0xFF;
    int family = head[18] & 0xFF;
    if ((head[8] & 0xF0) != 0 || family != 0 || channels < 1 || channels > 2) {
      throw Sounds.unsupported(
          "The Opus file is of version %d with %d channels of mapping %d; version 1 with one or two channels is read. Convert it, for example with ffmpeg -i FILE -ac 1 out.wav."
              .formatted(head[8] & 0xFF, channels, family));
    }
    // The comments.
    packets.next();
    try {
      return new OpusSound(
          packets,
          new OpusDecoder(RATE_HZ, channels),
          channels,
          (float) Math.pow(10, fields.getShort(16) / (20.0 * 256)),
          fields.getShort(10) & 0xFFFF);
    } catch (OpusException e) {
      throw new IllegalStateException("Concentus refuses 48 000 Hz", e);
    }
  }

  @Override
  public int sampleRateHz() {
    return RATE_HZ;
  }

  @Override
  public int channels() {
    return channels;
  }

  @Override
  public String encoding() {
    return "Opus";
  }

  @Override
  public int read(float[] interleaved, int frames) {
    int done = 0;
    while (done < frames && (taken < ready || nextBlock())) {
      int count = Math.min(frames - done, ready - taken);
      for (int i = 0; i < count * channels; i++) {
        interleaved[done * channels + i] = block[taken * channels + i] * gain / 32768;
      }
      taken += count;
      done += count;
    }
    return done;
  }

  /// Decodes packets until there are samples to hand out.
  private boolean nextBlock() {
    while (!ended) {
      byte @Nullable [] packet = packets.next();
      if (packet == null) {
        ended = true;
        return false;
      }
      int count = decode(packet);
      // Samples before the stream's beginning, and behind the end that its last page states.
      taken = Math.clamp(preSkip - decoded, 0, count);
      decoded += count;
      ready = count;
      if (packets.onLastPage() && packets.granule() > 0) {
        long beyond = decoded - packets.granule();
        ready = Math.clamp(count - beyond, taken, count);
      }
      if (taken < ready) {
        return true;
      }
    }
    return false;
  }

  private int decode(byte[] packet) {
    if (packet.length == 0) {
      return 0;
    }
    try {
      return decoder.decode(packet, 0, packet.length, block, 0, LONGEST_PACKET, false);
    } catch (OpusException | RuntimeException | AssertionError e) {
      // The decoder meets damage with all three.
      throw Sounds.invalid(
          "The Opus file is damaged: the packet behind sample %d cannot be decoded."
              .formatted(decoded));
    }
  }
}
