public class Empty { [Fact] public void Placeholder() { } }
