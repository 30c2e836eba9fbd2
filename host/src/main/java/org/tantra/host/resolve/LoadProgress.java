package org.tantra.host.resolve;

import org.tantra.api.Progress;

/// How far a load has come, as status lines show it.
final class LoadProgress implements Progress {
  private volatile String stage = "starting";
  private volatile String amount = "";

  @Override
  public void stage(String name) {
    stage = name;
    amount = "";
  }

  @Override
  public void advance(long done, long total) {
    amount = total > 0 ? " " + Math.min(100, done * 100 / total) + " %" : "";
  }

  String shown() {
    return stage + amount;
  }
}
