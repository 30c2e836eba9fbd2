/// What every speaking model shares: cutting a text into sentences, and an answer that speaks one
/// sentence while the last one is played.
@NullMarked
package org.tantra.nn.speech;

import org.jspecify.annotations.NullMarked;
