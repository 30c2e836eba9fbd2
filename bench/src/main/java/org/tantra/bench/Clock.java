package org.tantra.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/// Time of the calling thread on a processor: unlike the time of day it leaves out when a shared
/// machine ran somebody else. It says nothing about waiting for other threads.
final class Clock {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private Clock() {}

  /// Nanoseconds on a processor for one thread, of the day for several.
  static long nanos(int threads) {
    return threads == 1 ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
  }
}
