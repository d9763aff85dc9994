using Starling.Server.Backplane;
using Starling.Specifications;

namespace Starling.Server.Tests.Backplane;

public sealed class InMemoryBackplaneTests : BackplaneSpecification
{
    [Fact]
    public void A_node_without_a_shared_hub_is_alone() => Assert.True(new InMemoryBackplane().IsAlone);

    protected override ValueTask<IReadOnlyList<IBackplane>> CreateAsync(int nodes)
    {
        var hub = new InMemoryBackplaneHub();
        return new([.. Enumerable.Range(0, nodes).Select(_ => new InMemoryBackplane(hub))]);
    }
}
