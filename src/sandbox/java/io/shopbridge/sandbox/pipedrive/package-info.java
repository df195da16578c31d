/** A double of a Pipedrive company: its API v2 and what is left of v1, fields, token budget and webhooks. */
package io.shopbridge.sandbox.pipedrive;
