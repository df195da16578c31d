/** Start-up errors: why a start was refused, and what to do about it, instead of a stack trace. */
package io.shopbridge.start;
