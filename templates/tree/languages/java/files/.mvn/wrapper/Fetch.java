import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Fetches Maven, checks that it is the one that is wanted, and unpacks it: a JDK is all that this needs. */
void main(String[] arguments) throws Exception {
  String url = arguments[0];
  String sha256 = arguments[1];
  Path home = Path.of(arguments[2]);
  byte[] archive;
  try (InputStream in = URI.create(url).toURL().openStream()) {
    archive = in.readAllBytes();
  }
  if (!HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(archive)).equals(sha256)) {
    throw new IOException(url + " has another checksum than distributionSha256Sum says");
  }
  Files.createDirectories(home.getParent());
  Path stage = Files.createTempDirectory(home.getParent(), "stage");
  try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
    for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
      Path file = stage.resolve(entry.getName().replaceFirst("[^/]*/", "")).normalize(); // without the folder of the version
      if (!entry.isDirectory() && file.startsWith(stage)) {
        Files.createDirectories(file.getParent());
        Files.copy(zip, file);
      }
    }
  }
  stage.resolve("bin/mvn").toFile().setExecutable(true);
  Files.move(stage, home);
}
