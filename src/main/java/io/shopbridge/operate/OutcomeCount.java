package io.shopbridge.operate;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/** How often an outcome was recorded within the last hour and the last 24 hours. */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record OutcomeCount(String outcome, long lastHour, long lastDay) {
}
