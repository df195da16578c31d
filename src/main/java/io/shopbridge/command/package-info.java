/**
 * Command line: what {@code java -jar shopbridge.jar <command>} does instead of starting the server. Commands start no
 * Spring context, no database and no routes, so that they answer at once.
 */
package io.shopbridge.command;
