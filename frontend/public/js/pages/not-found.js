// An address that leads nowhere.

import "../layout.js";
