/**
 * The backlog: the set of (CRM, record) pairs whose CRM record may be outdated. The mirror adds to it (marks), {@code
 * 3-deliver} claims from it with a lease that ends when the process dies; safe for any number of threads and processes.
 * Records of a bulk job are not claimed until that job has ended, and those of a paused store
 * until somebody resumes it.
 */
package io.shopbridge.work;
