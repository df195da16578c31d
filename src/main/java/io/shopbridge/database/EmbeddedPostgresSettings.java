package io.shopbridge.database;

import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the embedded PostgreSQL lives. Read only where {@code spring.datasource.url} is absent.
 *
 * @param dataDir     the data, kept between runs; relative paths start at the working directory. Its lock and its log
 *                    are the files beside it that end in {@code .lock} and {@code .log}
 * @param port        TCP port on the loopback address; 0 takes any free one
 * @param binariesDir where the PostgreSQL binaries are unpacked once; absent: {@code .cache/shopbridge} in the home
 *                    directory, or the temporary directory where there is no home
 */
@ConfigurationProperties(EmbeddedPostgresSettings.PREFIX)
record EmbeddedPostgresSettings(
        @DefaultValue(".shopbridge/postgres") Path dataDir,
        @DefaultValue("0") int port,
        Path binariesDir) {

    static final String PREFIX = "shopbridge.embedded-postgres";

    EmbeddedPostgresSettings {
        dataDir = dataDir.toAbsolutePath().normalize();
        binariesDir = binariesDir == null ? cache() : binariesDir.toAbsolutePath().normalize();
    }

    private static Path cache() {
        Path home = Path.of(System.getProperty("user.home"));
        return Files.isWritable(home)
                ? home.resolve(".cache/shopbridge")
                : Path.of(System.getProperty("java.io.tmpdir"), "shopbridge-" + System.getProperty("user.name"));
    }
}
