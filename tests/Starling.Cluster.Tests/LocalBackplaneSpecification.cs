using Starling.Server.Backplane;
using Starling.Specifications;

namespace Starling.Cluster.Tests;

public sealed class LocalBackplaneSpecification : BackplaneSpecification, IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override async ValueTask<IReadOnlyList<IBackplane>> CreateAsync(int nodes)
    {
        var created = new List<IBackplane>();
        for (var i = 0; i < nodes; i++)
        {
            created.Add(await TestNode.JoinAsync(_folder));
        }

        return created;
    }
}
