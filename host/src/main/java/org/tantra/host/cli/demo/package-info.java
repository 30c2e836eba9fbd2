/// The demonstration: what a newcomer would type, step by step, each step checked by what can be
/// seen from outside: files, HTTP answers, a process.
@NullMarked
package org.tantra.host.cli.demo;

import org.jspecify.annotations.NullMarked;
