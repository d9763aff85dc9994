using Starling.Documents.Hosting;
using Starling.Sqlite;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Keeps documents in SQLite.</summary>
public static class SqliteDocumentsBuilderExtensions
{
    /// <summary>Keeps documents in an SQLite database file.</summary>
    /// <param name="builder">The documents.</param>
    /// <param name="path">Path of the file, which is made if it does not exist; its folder must.</param>
    /// <returns>The same builder.</returns>
    public static DocumentsBuilder UseSqlite(this DocumentsBuilder builder, string path)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return builder.UseStore(_ => new SqliteDocumentStore(path));
    }
}
