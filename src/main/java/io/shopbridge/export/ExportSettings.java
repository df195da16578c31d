package io.shopbridge.export;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings under {@code shopbridge.exports}, most of them of exports that are written by themselves, at
 * {@code shopbridge.schedules.exports}.
 *
 * @param folder where to; null: nothing is written. It holds personal data
 * @param what   names of exports
 * @param format csv or jsonl
 * @param keep   how long a written file stays
 * @param longest how long an export may take that somebody asked for, at least a second
 */
@ConfigurationProperties("shopbridge.exports")
record ExportSettings(Path folder, @DefaultValue({"customers", "orders", "line-items", "links"}) List<String> what,
        @DefaultValue("csv") ExportRequest.Format format, @DefaultValue("30d") Duration keep,
        @DefaultValue("1h") Duration longest) {
}
