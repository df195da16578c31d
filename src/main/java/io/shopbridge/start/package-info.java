/** Why a start was refused, and what to do about it, in place of a stack trace. */
package io.shopbridge.start;
