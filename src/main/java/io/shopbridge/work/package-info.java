/**
 * The set of (CRM, record) pairs whose CRM side may be behind. The mirror marks it, {@code 3-deliver} claims from it:
 * safe for any number of threads and processes, and free again at once when a process dies. What a bulk job of a CRM
 * writes is claimed by nobody until that job is over.
 */
package io.shopbridge.work;
