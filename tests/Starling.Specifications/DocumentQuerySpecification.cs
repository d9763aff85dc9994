using System.Text;
using Starling.Documents;
using Starling.Documents.Storage;
using Starling.Documents.Storage.Queries;

namespace Starling.Specifications;

/// <summary>How every document store answers queries.</summary>
public abstract class DocumentQuerySpecification : IAsyncLifetime
{
    protected const string Type = "http://sharejs.org/types/JSONv0";
    private IDocumentStore? _store;

    protected IDocumentStore Store => _store!;

    protected static DocumentKey Key { get; } = new("things", "one");

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        switch (_store)
        {
            case IAsyncDisposable disposable:
                await disposable.DisposeAsync();
                break;
            case IDisposable disposable:
                disposable.Dispose();
                break;
        }
    }

    [Theory]
    [InlineData("""{"filter":{"t":"a\u0000b"}}""", "nul")]
    [InlineData("""{"filter":{"t":"a"}}""", "a")]
    [InlineData("""{"filter":{"t":{"$gt":"a","$lt":"b"}}}""", "long nul")]
    [InlineData("""{"filter":{"t":{"$ne":"a"}},"sort":[["t",1]]}""", "back big line n quote nul long lone pair")]
    [InlineData("""{"filter":{"t":{"$gte":"b"}},"sort":[["t",-1]]}""", "pair lone")]
    [InlineData("""{"filter":{"a\\b":1}}""", "back")]
    [InlineData("""{"filter":{"x\ny":1}}""", "line")]
    [InlineData("""{"filter":{"it's":1}}""", "quote")]
    [InlineData("""{"filter":{"n":0.1}}""", "n")]
    [InlineData("""{"filter":{"n":{"$gte":0.1,"$lt":0.2}}}""", "n")]
    [InlineData("""{"filter":{"n":1e300}}""", "big")]
    [InlineData("""{"sort":[["n",1]],"skip":8,"limit":2}""", "n big")]
    public async Task Queries_mean_the_same_of_unusual_texts_and_names(string query, string expected)
    {
        (string Id, string Data)[] documents =
        [
            ("a", """{"t":"a"}"""), ("back", """{"a\\b":1}"""), ("big", """{"n":1e+300}"""), ("line", """{"x\ny":1}"""), ("lone", """{"t":"b\ud83d"}"""),
            ("long", """{"t":"aa"}"""), ("n", """{"n":0.1}"""), ("nul", """{"t":"a\u0000b"}"""), ("pair", """{"t":"b😀"}"""), ("quote", """{"it's":1,"\ud83d":2}"""),
        ];
        foreach (var (id, data) in documents)
        {
            await CreateAsync(Key with { Id = id }, data);
        }

        var found = await Store.QueryAsync(Key.Collection, QueryParser.Parse(Encoding.UTF8.GetBytes(query)), Token);
        var ids = found.Select(snapshot => snapshot.Key.Id);
        Assert.Equal(expected.Split(' '), query.Contains("sort", StringComparison.Ordinal) ? ids : ids.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_query_ends_where_its_contents_become_too_many_and_may_leave_them_out()
    {
        for (var i = 0; i < 5; i++)
        {
            await CreateAsync(Key with { Id = "d" + i }, "\"" + new string('x', 100) + "\"");
        }

        Assert.Equal(3, (await Store.QueryAsync(Key.Collection, new DocumentQuery { MaxBytes = 250 }, Token)).Count);
        Assert.Equal(2, (await Store.QueryAsync(Key.Collection, new DocumentQuery { MaxBytes = 250, Skip = 3 }, Token)).Count);
        var names = await Store.QueryAsync(Key.Collection, new DocumentQuery { MaxBytes = 250, WithoutData = true }, Token);
        Assert.Equal((5, 0), (names.Count, names.Sum(snapshot => snapshot.Data.Length)));
    }

    [Theory]
    [InlineData("""{"filter":{"kind":"pear"}}""", "b d")]
    [InlineData("""{"filter":{"price":{"$gt":2,"$lte":4}}}""", "c d")]
    [InlineData("""{"filter":{"price":{"$ne":1}}}""", "b c d e f")]
    [InlineData("""{"filter":{"price":null}}""", "e")]
    [InlineData("""{"filter":{"name":{"$lt":"b"}}}""", "a f")]
    [InlineData("""{"filter":{"maker.town":"Köln"}}""", "a c")]
    [InlineData("""{"filter":{"kind":"pear","price":4}}""", "d")]
    [InlineData("""{"filter":{"ripe":true}}""", "a")]
    [InlineData("""{"filter":{"list":"x"}}""", "")]
    [InlineData("""{"sort":[["price",1]]}""", "e a b c d f")]
    [InlineData("""{"sort":[["price",-1]]}""", "f d c b a e")]
    [InlineData("""{"sort":[["kind",1],["price",-1]]}""", "f e c a d b")]
    [InlineData("""{"sort":[["price",1]],"skip":1,"limit":2}""", "a b")]
    [InlineData("""{"limit":2}""", "a b")]
    [InlineData("""{}""", "a b c d e f")]
    public async Task Queries_find_by_field_and_order(string query, string expected)
    {
        (string Id, string Data)[] documents =
        [
            ("a", """{"kind":"apple","price":1,"name":"anna","maker":{"town":"Köln"},"ripe":true}"""),
            ("b", """{"kind":"pear","price":2,"name":"b"}"""),
            ("c", """{"kind":"apple","price":3,"name":"c","maker":{"town":"Köln"},"ripe":false}"""),
            ("d", """{"kind":"pear","price":4,"name":"\ud83d lone"}"""),
            ("e", """["no object"]"""),
            ("f", """{"price":"dear","name":"adam","list":["x"]}"""),
        ];
        foreach (var (id, data) in documents)
        {
            await CreateAsync(new DocumentKey("shop", id), data);
        }

        await CreateAsync(new DocumentKey("elsewhere", "a"), """{"kind":"pear","price":4}""");
        var found = await Store.QueryAsync("shop", QueryParser.Parse(Encoding.UTF8.GetBytes(query)), Token);
        Assert.Equal(expected, string.Join(' ', found.Select(snapshot => snapshot.Key.Id)));
        Assert.All(found, snapshot => Assert.Equal(documents.Single(item => item.Id == snapshot.Key.Id).Data, Text(snapshot.Data)));
    }

    /// <summary>Makes an empty store.</summary>
    protected abstract ValueTask<IDocumentStore> OpenAsync();

    protected async Task<CommitResult> CreateAsync(DocumentKey key, string data) => await Store.CommitAsync(
        new DocumentCommit { Key = key, ExpectedVersion = 0, Operations = [Creation(data)], Snapshot = Snapshot(key, 1, data) }, Token);

    protected static DocumentOperation Creation(string data) => new()
    {
        Version = 0,
        Id = new OperationId("creator", 1),
        Kind = OperationKind.Create,
        Type = Type,
        Data = Encoding.UTF8.GetBytes(data),
        Time = 1000,
    };

    protected static DocumentSnapshot Snapshot(DocumentKey key, long version, string data) => new()
    {
        Key = key,
        Version = version,
        Type = Type,
        Data = Encoding.UTF8.GetBytes(data),
        CreatedTime = 1000,
        ModifiedTime = 1000 + ((version - 1) * 10),
    };

    protected static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
