package io.shopbridge.receive;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;

/**
 * The webhooks of one store that this process refused for one reason since its start.
 *
 * @param store   name of the store; none: of no store that is configured
 * @param reason  unknown-store, not-a-post, too-large, too-slow, broken-off, not-signed, wrong-signature, other-domain,
 *                busy or starting
 * @param count   how many
 * @param firstAt when the first of them was refused
 * @param lastAt  when the last of them was refused
 * @param because what was wrong with the last of them
 * @param remedy  what to do
 */
@JsonNaming(SnakeCaseStrategy.class)
public record RefusedWebhooks(String store, String reason, long count, Instant firstAt, Instant lastAt,
        String because, String remedy) {
}
