/**
 * What operators see and do from outside: the API under {@code /api/v1}, who may call it, and the backlog as gauges.
 * It reads the tables and marks work; it delivers nothing itself, and no route calls it.
 */
package io.shopbridge.operate;
