using Starling.Documents.Storage;
using Starling.Sqlite;

namespace Starling.Documents.Tests;

/// <summary>A store in memory or in an SQLite file that is deleted with it.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    private readonly DirectoryInfo? _folder;

    public TestStore(bool isSqlite)
    {
        _folder = isSqlite ? Directory.CreateTempSubdirectory("starling-documents-") : null;
        Store = _folder is null ? new MemoryDocumentStore() : new SqliteDocumentStore(Path.Combine(_folder.FullName, "documents.db"));
    }

    public IDocumentStore Store { get; }

    public async ValueTask DisposeAsync()
    {
        if (Store is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }

        _folder?.Delete(recursive: true);
    }
}
