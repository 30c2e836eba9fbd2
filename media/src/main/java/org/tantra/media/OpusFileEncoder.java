package org.tantra.media;

import io.github.jaredmdobson.concentus.OpusApplication;
import io.github.jaredmdobson.concentus.OpusEncoder;
import io.github.jaredmdobson.concentus.OpusException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Mono Opus in Ogg, coded by Concentus: packets of 20 ms, a page for each second.
///
/// @see <a href="https://www.rfc-editor.org/rfc/rfc7845">RFC 7845</a>
final class OpusFileEncoder implements SoundEncoder {
  private static final int PACKET = OpusSound.RATE_HZ / 50;
  private static final int PACKETS_OF_PAGE = 50;
  private static final int MOST_PACKET_BYTES = 1275;
  private static final int SEGMENTS_OF_PACKET = MOST_PACKET_BYTES / 255 + 1;
  private static final int MOST_SEGMENTS = 255;

  /// Of speech; what Opus calls full-band at this rate is as good as the original.
  private static final int BITS_PER_SECOND = 48_000;

  private static final String MAKER = "Tantra Host";

  private final OpusEncoder encoder;
  private final UpSampler upSampler;
  private final int sampleRateHz;
  private final int preSkip;
  private final short[] packet = new short[PACKET];
  private final ByteArrayOutputStream lengths = new ByteArrayOutputStream();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private int filled;
  private int packets;
  private long samples;
  private long coded;
  private int page;

  OpusFileEncoder(int sampleRateHz) {
    try {
      encoder = new OpusEncoder(OpusSound.RATE_HZ, 1, OpusApplication.OPUS_APPLICATION_AUDIO);
    } catch (OpusException e) {
      throw new IllegalStateException("Concentus refuses 48 000 Hz", e);
    }
    encoder.setBitrate(BITS_PER_SECOND);
    this.preSkip = encoder.getLookahead();
    this.sampleRateHz = sampleRateHz;
    this.upSampler = new UpSampler(sampleRateHz, OpusSound.RATE_HZ);
  }

  @Override
  public byte[] header() {
    ByteBuffer head = ByteBuffer.allocate(19).order(ByteOrder.LITTLE_ENDIAN);
    head.put(ascii("OpusHead")).put((byte) 1).put((byte) 1).putShort((short) preSkip);
    head.putInt(sampleRateHz).putShort((short) 0).put((byte) 0);
    ByteBuffer tags = ByteBuffer.allocate(16 + MAKER.length()).order(ByteOrder.LITTLE_ENDIAN);
    tags.put(ascii("OpusTags")).putInt(MAKER.length()).put(ascii(MAKER)).putInt(0);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    put(head.array(), head.capacity());
    out.writeBytes(page(Ogg.FIRST, 0));
    put(tags.array(), tags.capacity());
    out.writeBytes(page(0, 0));
    return out.toByteArray();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public byte[] add(float[] mono) {
    return code(upSampler.add(mono));
  }

  private byte[] code(float[] resampled) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    samples += resampled.length;
    for (float sample : resampled) {
      packet[filled++] = (short) Math.clamp(Math.rint(sample * 32767.0), -32768, 32767);
      if (filled == PACKET) {
        codePacket();
        if (packets == PACKETS_OF_PAGE || lengths.size() > MOST_SEGMENTS - SEGMENTS_OF_PACKET) {
          out.writeBytes(page(0, coded));
        }
      }
    }
    return out.toByteArray();
  }

  @Override
  public byte[] finish() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(code(upSampler.finish()));
    long end = preSkip + samples;
    // Silence pushes out what the encoder still looks ahead to, and fills the last packet.
    while (coded < end || packets == 0) {
      Arrays.fill(packet, filled, PACKET, (short) 0);
      codePacket();
    }
    out.writeBytes(page(Ogg.LAST, end));
    return out.toByteArray();
  }

  private void codePacket() {
    byte[] bytes = new byte[MOST_PACKET_BYTES];
    try {
      put(bytes, encoder.encode(packet, 0, PACKET, bytes, 0, bytes.length));
    } catch (OpusException e) {
      throw new IllegalStateException("Concentus cannot code a packet of 20 ms", e);
    }
    filled = 0;
    coded += PACKET;
  }

  private void put(byte[] bytes, int count) {
    int left = count;
    while (left >= 255) {
      lengths.write(255);
      left -= 255;
    }
    lengths.write(left);
    body.write(bytes, 0, count);
    packets++;
  }

  private byte[] page(int flags, long granule) {
    byte[] table = lengths.toByteArray();
    ByteBuffer out =
        ByteBuffer.allocate(Ogg.HEADER_BYTES + table.length + body.size())
            .order(ByteOrder.LITTLE_ENDIAN);
    out.put(ascii("OggS")).put((byte) 0).put((byte) flags).putLong(granule);
    out.putInt(1).putInt(page++).putInt(0).put((byte) table.length).put(table);
    out.put(body.toByteArray());
    int sum = 0;
    for (byte value : out.array()) {
      sum = Ogg.checkSum(sum, value);
    }
    out.putInt(Ogg.CHECK_SUM_AT, sum);
    lengths.reset();
    body.reset();
    packets = 0;
    return out.array();
  }
}
