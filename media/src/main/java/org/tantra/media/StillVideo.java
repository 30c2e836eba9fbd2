package org.tantra.media;

/// One picture as a video.
final class StillVideo implements Video {
  private final Picture picture;

  StillVideo(Picture picture) {
    this.picture = picture;
  }

  @Override
  public int frames() {
    return 1;
  }

  @Override
  public double framesPerSecond() {
    return 1;
  }

  @Override
  public Picture frame(int index) {
    return picture;
  }

  @Override
  public void close() {}
}
