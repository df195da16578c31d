/**
 * What {@code java -jar shopbridge.jar <command>} does instead of serving: check and run the mappings.
 * No Spring context, no database and no routes are started, so that a command answers at once.
 */
package io.shopbridge.command;
