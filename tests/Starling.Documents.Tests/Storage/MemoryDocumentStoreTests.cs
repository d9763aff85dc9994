using Starling.Documents.Storage;
using Starling.Specifications;

namespace Starling.Documents.Tests.Storage;

public sealed class MemoryDocumentStoreTests : DocumentStoreSpecification
{
    protected override ValueTask<IDocumentStore> OpenAsync() => new(new MemoryDocumentStore());
}
