/**
 * Explains every value of a CRM record: what both sides have, who owns it, which line of the mapping makes it, which event
 * brought it, what a delivery decides now, and what was tried. It answers "why is this so", "why was it not written" and
 * "who overwrote it", and changes nothing.
 */
package io.shopbridge.explain;
